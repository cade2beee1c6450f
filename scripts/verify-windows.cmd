@echo off
rem verify-windows.cmd [FOLDER]: what treefall promises, tried on this Windows; about a minute.
rem
rem FOLDER holds treefall.exe and treefall-sentinel.exe; without it, the folder of this file does.
rem One line a promise: ok, FAILED, or unseen where a tool to see it with is missing. The status is
rem the number of failures. No PowerShell, no administrator. All that is made is in one folder of its
rem own below TEMP, under names that nothing else has, and is removed.
setlocal enableextensions disabledelayedexpansion
set "from=%~1"
if "%from%"=="" set "from=%~dp0."
if not exist "%from%\treefall.exe" (
    echo no treefall.exe in %from%: verify-windows.cmd FOLDER
    exit /b 125
)
set "place=%TEMP%\treefall-verify-%RANDOM%%RANDOM%"
mkdir "%place%"
if not exist "%place%\" exit /b 125
copy "%from%\treefall.exe" "%place%\tfverify.exe" >nul
copy "%from%\treefall-sentinel.exe" "%place%\treefall-sentinel.exe" >nul
copy "%SystemRoot%\System32\ping.exe" "%place%\tfping.exe" >nul
cd /d "%place%"
set failures=0

tfverify --version
echo The rung by which a guard gets out of a job here, and what holds:
tfverify doctor
echo.

rem ---- statuses

tfverify run -- cmd /c exit 305419896
call :judge "all 32 bits of a status are passed on" %ERRORLEVEL% 305419896
tfverify run -- no-such-command 2>nul
call :judge "a command that is not there: 127" %ERRORLEVEL% 127
tfverify run --timeout 1s --grace 0 -- tfping -n 60 127.0.0.1 >nul
call :judge "out of time: 124" %ERRORLEVEL% 124

rem ---- what falls

tfverify run --report exit.txt -- cmd /c "start /b tfping -n 60 127.0.0.1 >nul & exit 3"
call :judge "the command's status, when something was left" %ERRORLEVEL% 3
call :report exit.txt "what it left fell" "ward-dead" tfping
tfverify run --report orphan.txt -- cmd /c "cmd /c start /b cmd /c start /b tfping -n 60 127.0.0.1 >nul & exit 0"
call :report orphan.txt "an orphan of an orphan fell" "ward-dead" tfping
tfverify run --report own.txt -- cmd /c "start """" /min tfping -n 60 127.0.0.1 & exit 0"
call :report own.txt "one with a console of its own fell" "ward-dead" tfping
tfverify run --heartbeat "beat of %RANDOM%" --startup-grace 1s --report beat.txt -- tfping -n 60 127.0.0.1 >nul
call :judge "a heartbeat that never comes: 124" %ERRORLEVEL% 124
call :report beat.txt "and its tree fell" "heartbeat-missing" tfping
echo. >stale
tfverify run --heartbeat stale --kill-delay 1s --startup-grace 1s --report stale.txt -- cmd /c "(for /l %%i in (1,1,2) do echo. >stale & tfping -n 2 127.0.0.1 >nul) & tfping -n 60 127.0.0.1 >nul"
call :judge "a heartbeat that stops: 124" %ERRORLEVEL% 124
call :report stale.txt "and its tree fell" "stale" tfping

rem ---- guards that are killed

set seen=
for /f "tokens=2 delims=," %%p in ('tasklist /nh /fo csv 2^>nul') do set seen=yes
if not defined seen (
    echo unseen  guards that are killed: tasklist shows nothing here
    goto :limits
)
call :guard wrapper.txt
call :end tfverify.exe
call :gone "the wrapper was killed: its sentinel felled the tree"
call :report wrapper.txt "and reported" "guard-lost" tfping
call :guard sentinel.txt
call :end treefall-sentinel.exe
call :gone "the sentinel was killed: the wrapper felled the tree"
call :guard both.txt
call :end tfverify.exe treefall-sentinel.exe
call :gone "both were killed at once: the kernel felled the tree"

:limits
rem ---- limits

tfverify run --max-procs 2 -- cmd /c "tfping -n 1 127.0.0.1 >nul && tfping -n 1 127.0.0.1 | tfping -n 1 127.0.0.1 >nul" 2>nul
call :judge_not "--max-procs 2 lets no third process be" %ERRORLEVEL% 0

cd /d "%TEMP%"
rmdir /s /q "%place%" 2>nul
echo.
echo %failures% failed
exit /b %failures%

rem ---- what is used above

:judge
if "%~2"=="%~3" (echo ok      %~1) else (
    echo FAILED  %~1: %~2, not %~3
    set /a failures+=1
)
exit /b

:judge_not
if not "%~2"=="%~3" (echo ok      %~1) else (
    echo FAILED  %~1
    set /a failures+=1
)
exit /b

rem A report is written when all is over: it comes within ten seconds. FILE, PROMISE, TRIGGER, and who
rem must be among the fallen.
:report
for /l %%i in (1,1,10) do if not exist "%~1" call :settle
findstr /c:"%~3" "%~1" >nul 2>nul
if errorlevel 1 goto :no_report
findstr /c:"none left" "%~1" >nul 2>nul
if errorlevel 1 goto :no_report
findstr /c:"%~4" "%~1" >nul 2>nul
if errorlevel 1 goto :no_report
echo ok      %~2
exit /b
:no_report
echo FAILED  %~2: see %place%\%~1
set /a failures+=1
exit /b

:settle
ping -n 2 127.0.0.1 >nul
exit /b

rem Starts a guard. Sentinels that were there before are somebody else's.
:guard
set "others= "
for /f "tokens=2 delims=," %%p in ('tasklist /nh /fo csv /fi "imagename eq treefall-sentinel.exe" 2^>nul') do call :other %%~p
start "" /b tfverify run --report %1 -- tfping -n 60 127.0.0.1 >nul
goto :settle

:other
set "others=%others%%1 "
exit /b

rem By number, and at once: the programs of these names that this file started.
:end
set pids=
for %%n in (%*) do for /f "tokens=2 delims=," %%p in ('tasklist /nh /fo csv /fi "imagename eq %%n" 2^>nul') do call :mine %%~p
if defined pids taskkill /f%pids% >nul 2>nul
exit /b

:mine
echo "%others%" | findstr /c:" %1 " >nul
if errorlevel 1 set "pids=%pids% /pid %1"
exit /b

:gone
for /l %%i in (1,1,5) do call :look
call :judge "%~1" "%left%" ""
exit /b

:look
call :settle
set left=
for /f "tokens=1 delims=," %%p in ('tasklist /nh /fo csv /fi "imagename eq tfping.exe" 2^>nul') do if /i "%%~p"=="tfping.exe" set left=something is left
exit /b
