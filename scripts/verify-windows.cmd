@echo off
rem verify-windows.cmd [FOLDER]: what treefall promises, tried on this Windows in under a minute.
rem
rem FOLDER holds treefall.exe and treefall-sentinel.exe; without it, the folder of this file does.
rem One line a promise: ok, FAILED, or unseen where there is nothing to see it with. The status is 0
rem when nothing FAILED, 1 when something did, 125 when there is no treefall.exe to try. No PowerShell,
rem no administrator. All that is made is in one folder of its own below TEMP, under names that
rem nothing else has. It is removed, or named if something FAILED: what was written is in it.
setlocal enableextensions disabledelayedexpansion
rem Variables of these names would hide cmd's own.
set "ERRORLEVEL="
set "RANDOM="
set "CMDCMDLINE="
set "from=%~1"
if not defined from set "from=%~dp0."
set status=125
set failures=0
if exist "%from%\treefall.exe" goto :found
echo no treefall.exe in "%from%": verify-windows.cmd FOLDER
goto :leave

:found
set "place=%TEMP%\treefall-verify-%RANDOM%%RANDOM%"
set "wrapper=tfv%RANDOM%.exe"
set "ping=tfp%RANDOM%.exe"
set "treefall=%place%\%wrapper%"
if exist "%place%\" goto :found
mkdir "%place%"
cd /d "%place%"
copy "%from%\treefall.exe" "%treefall%" >nul
copy "%from%\treefall-sentinel.exe" "%place%\treefall-sentinel.exe" >nul
copy "%SystemRoot%\System32\ping.exe" "%place%\%ping%" >nul
if exist .\%wrapper% if exist .\treefall-sentinel.exe goto :copied
echo no treefall.exe: it and treefall-sentinel.exe cannot be copied from "%from%" to "%place%"
goto :remove

:copied
"%treefall%" --version
echo The rung by which a guard gets out of a job here, and what holds:
"%treefall%" doctor
echo.

rem ---- statuses

"%treefall%" run -- cmd /d /c exit -559038737 2>status.err
call :judge "all 32 bits of a status are passed on" %ERRORLEVEL% -559038737
"%treefall%" run -- no-such-command 2>none.err
call :judge "a command that is not there: 127" %ERRORLEVEL% 127

rem Each of three waits for the next: the third is there with nine allowed, and not with two.
set "shell=%SystemRoot%\System32\cmd.exe /d /c"
"%treefall%" run --max-procs 9 -- cmd /d /c %shell% %shell% mkdir nine 2>nine.err
"%treefall%" run --max-procs 2 -- cmd /d /c %shell% %shell% mkdir two 2>two.err
set third=refused
if exist two\ set third=there
if not exist nine\ set third=refused though nine are allowed
call :judge "--max-procs 2 lets no third process be" "%third%" refused

.\%ping% -n 1 127.0.0.1 >nul 2>ping.err
if %ERRORLEVEL%==0 goto :falls
echo unseen  what is killed, and guards that are killed: a renamed copy of ping.exe does not run here
goto :sum

rem ---- what is killed

:falls
"%treefall%" run --timeout 1s --grace 0 --report time.txt -- .\%ping% -n 60 127.0.0.1 >nul 2>time.err
call :judge "out of time: 124" %ERRORLEVEL% 124
call :report time "and its tree is killed" timeout
"%treefall%" run --report exit.txt -- cmd /d /c "start /b .\%ping% -n 60 127.0.0.1 >nul & exit 3" 2>exit.err
call :judge "the command's status, when something was left" %ERRORLEVEL% 3
call :report exit "what it left is killed" ward-dead
"%treefall%" run --report orphan.txt -- cmd /d /c "start /b cmd /d /c start /b cmd /d /c start /b .\%ping% -n 60 127.0.0.1 >nul & .\%ping% -n 2 127.0.0.1 >nul" 2>orphan.err
call :report orphan "an orphan of an orphan is killed" ward-dead
"%treefall%" run --exit-grace 0 --report own.txt -- cmd /d /c "start /min .\%ping% -n 60 127.0.0.1 & exit 0" 2>own.err
call :report own "a process with a console of its own is killed" ward-dead
"%treefall%" run --heartbeat "no beat" --startup-grace 1s --grace 0 --report never.txt -- .\%ping% -n 60 127.0.0.1 >nul 2>never.err
call :judge "a heartbeat that never comes: 124" %ERRORLEVEL% 124
call :report never "and its tree is killed" heartbeat-missing
"%treefall%" run --heartbeat beat --startup-grace 2s --kill-delay 3s --grace 0 --report beats.txt -- cmd /d /c "(for /l %%i in (1,1,7) do (echo beat>beat & .\%ping% -n 2 127.0.0.1 >nul)) & echo yes>lived & .\%ping% -n 60 127.0.0.1" >nul 2>beats.err
set "beats=%ERRORLEVEL%"
set lived=fell
if exist lived set lived=lives
call :judge "a beat each second keeps it beyond a kill delay of 3 s" %lived% lives
call :judge "a heartbeat that stops: 124" %beats% 124
call :report beats "and its tree is killed" stale

rem ---- guards that are killed

set others=
call :list cmd.exe
if defined pids goto :guards
echo unseen  guards that are killed: tasklist shows nothing here
goto :sum
:guards
call :sweep
call :lose wrapper "the wrapper was killed: the tree is killed"
call :report wrapper "and the sentinel reported" guard-lost sentinel
call :lose sentinel "the sentinel was killed: the tree is killed"
call :report sentinel "and the wrapper reported" guard-lost wrapper
call :lose both "both were killed: nothing is left"

:sum
set status=0
if not %failures%==0 set status=1
echo.
if %status%==0 echo nothing FAILED
if %status%==1 echo %failures% FAILED: what was written is in "%place%"
if %status%==1 goto :leave
:remove
cd /d "%TEMP%"
for /l %%i in (1,1,3) do if exist "%place%\" rmdir /s /q "%place%" 2>nul || ping -n 2 127.0.0.1 >nul

rem A window that a double click opened would close unread. Without a keyboard timeout.exe fails.
:leave
setlocal enabledelayedexpansion
set "line=!CMDCMDLINE:"='!"
if "!line:/c '=!"=="!line!" exit /b %status%
if "!line:\%~nx0'=!"=="!line!" exit /b %status%
set "timeout=%SystemRoot%\System32\timeout.exe"
if not exist "%timeout%" exit /b %status%
"%timeout%" /t 0 >nul 2>nul
if not errorlevel 1 pause >con
exit /b %status%

rem ---- what is used above

rem PROMISE, what is, what should be.
:judge
if "%~2"=="%~3" goto :ok
echo FAILED  %~1: %~2, not %~3
set /a failures+=1
exit /b
:ok
echo ok      %~1
exit /b

rem NAME, PROMISE, TRIGGER, WRITER (or whoever): NAME.txt, which may take some seconds, has this trigger,
rem and ping among the fallen: that the command's own line has it says nothing.
:report
for /l %%i in (1,1,10) do if not exist %1.txt call :second
set whole=
set trigger=none
set fallen=
set fell=
set "writer=%4"
if not exist %1.txt goto :no_report
for /f "usebackq tokens=1-7" %%a in ("%1.txt") do (
    if "%%a %%b %%c %%d"=="the tree was killed:" set whole=yes
    if "%%a"=="trigger" set "trigger=%%b"
    if "%%e %%f"=="written by:" if "%%g"=="%4" set writer=
    if "%%a"=="killed:" set fallen=yes
    if defined fallen if "%%f"=="%ping%" set fell=yes
)
if defined whole if defined fell if not defined writer if "%trigger%"=="%3" goto :reported
:no_report
echo FAILED  %~2: see %1.txt
set /a failures+=1
exit /b
:reported
echo ok      %~2
exit /b

:second
.\%ping% -n 2 127.0.0.1 >nul
exit /b

rem NAME, PROMISE: a guard is started and loses who NAME says.
:lose
set others=
call :list treefall-sentinel.exe
set "others=%pids%"
start "" /b "%treefall%" run --report %1.txt -- .\%ping% -n 60 127.0.0.1 >nul 2>%1.err
set tries=10
:starting
call :second
call :list %ping%
if defined pids goto :started
set /a tries-=1
if not %tries%==0 goto :starting
echo FAILED  %~2: it did not start, see %1.err
set /a failures+=1
goto :sweep
:started
set victims=
call :list %wrapper%
if not %1==sentinel set "victims=%pids%"
call :list treefall-sentinel.exe
if not %count%==1 goto :no_sentinel
if not %1==wrapper set "victims=%victims%%pids%"
taskkill /f%victims% >nul 2>nul
set tries=10
:falling
call :list %ping%
if not defined pids goto :fallen
call :second
set /a tries-=1
if not %tries%==0 goto :falling
:fallen
set left=nothing
if defined pids set left=something
call :judge %2 %left% nothing
:sweep
call :list %wrapper%
if defined pids taskkill /f%pids% >nul 2>nul
call :list %ping%
if defined pids taskkill /f%pids% >nul 2>nul
exit /b
:no_sentinel
echo unseen  %~2: not one sentinel was started meanwhile, but %count%
goto :sweep

rem The processes of this name, as taskkill takes them, without those in `others`.
:list
set pids=
set count=0
for /f "tokens=1,2 delims=," %%p in ('tasklist /nh /fo csv /fi "imagename eq %1" 2^>nul') do if /i "%%~p"=="%1" call :add %%~q
exit /b
:add
for %%p in (%others%) do if "%%p"=="%1" exit /b
set "pids=%pids% /pid %1"
set /a count+=1
exit /b
